import CanoCore

/// The runs a checkpoint store has: in which epoch, which drive writes each, and until when it is certainly the store's.
///
/// Decides without a clock or a connection; the store gives it moments and what Redis answered.
struct HeldRuns {
    /// One run.
    struct Holding {
        /// Counts the run's owners.
        let epoch: String
        /// Counted from before the request that Redis granted, so that it ends here before it ends there.
        fileprivate(set) var certainUntil: MonotonicInstant
        /// Whether somebody else was found to have it. Kept until the drive has ended, which must be told.
        fileprivate(set) var isLost = false
        fileprivate var writer: Writer

        /// Whether the drive that wrote the row is the one the run belongs to.
        fileprivate func admits(_ row: CheckpointRow) -> Bool {
            if case .known(let writer) = writer { writer == row.writer } else { true }
        }
    }

    /// The drive that writes a run. One that resumes it is unknown until its first row.
    enum Writer {
        case unknown
        case known(Int64?)
    }

    /// Who may write a row.
    enum Claim {
        /// The drive that has the run, in this epoch.
        case held(epoch: String)
        /// Whoever begins the run: it is nobody's here.
        case unheld
        /// Nobody here: somebody else has the run.
        case lost
        /// Another drive of this process.
        case driven
    }

    private var holdings: [RunID: Holding] = [:]
    private var taking: Set<RunID> = []

    subscript(run: RunID) -> Holding? { holdings[run] }

    /// The runs whose leases are to be renewed.
    var epochs: [(run: RunID, epoch: String)] { holdings.compactMap { $0.value.isLost ? nil : ($0.key, $0.value.epoch) } }

    /// Reserves a run for one who wants to go on with it, until ``endTaking(_:)``.
    ///
    /// - Returns: False when there is a drive of it here, or another who wants it.
    mutating func beginTaking(_ run: RunID) -> Bool { holdings[run] == nil && taking.insert(run).inserted }

    mutating func endTaking(_ run: RunID) { taking.remove(run) }

    /// Redis made the run the store's.
    mutating func took(_ run: RunID, epoch: String, until end: MonotonicInstant, for writer: Writer) {
        holdings[run] = Holding(epoch: epoch, certainUntil: end, writer: writer)
    }

    func claim(of row: CheckpointRow, to run: RunID) -> Claim {
        guard let holding = holdings[run] else { return .unheld }
        if !holding.admits(row) { return .driven }
        return holding.isLost ? .lost : .held(epoch: holding.epoch)
    }

    /// A row was written: from now on the run is that drive's alone.
    mutating func wrote(_ row: CheckpointRow, to run: RunID, in epoch: String, until end: MonotonicInstant) {
        renewed(run, in: epoch, until: end)
        if holdings[run]?.epoch == epoch { holdings[run]?.writer = .known(row.writer) }
    }

    /// A lease was extended. Answers may come late, and in another order than they were asked for.
    mutating func renewed(_ run: RunID, in epoch: String, until end: MonotonicInstant) {
        guard let holding = holdings[run], holding.epoch == epoch else { return }
        holdings[run]?.certainUntil = max(holding.certainUntil, end)
    }

    /// Somebody else has the run.
    ///
    /// - Returns: Whether that is news.
    mutating func lost(_ run: RunID, in epoch: String) -> Bool {
        guard let holding = holdings[run], holding.epoch == epoch, !holding.isLost else { return false }
        holdings[run]?.isLost = true
        return true
    }

    /// Forgets a run.
    mutating func remove(_ run: RunID) -> Holding? { holdings.removeValue(forKey: run) }
}

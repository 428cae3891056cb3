import CanoCore

/// The runs that a checkpoint store owns: the epoch of each, the execution that writes it, and until when it is certainly the store's.
///
/// Decides without a clock or a connection: the store passes in moments and what Redis answered.
struct OwnedRuns {
    /// One run.
    struct Entry {
        let fence: Fence
        fileprivate(set) var term: LeaseTerm
        /// Whether another owner was found to have the run. The entry stays until the execution has ended, which must be told.
        fileprivate(set) var isLost = false
        fileprivate var writer: Writer

        /// Whether the execution that wrote the row is the one the run belongs to.
        fileprivate func allows(_ row: CheckpointRow) -> Bool {
            if case .known(let writer) = writer { writer == row.writer } else { true }
        }
    }

    /// The execution that writes a run. One that resumes the run is unknown until its first row.
    enum Writer {
        case unknown
        case known(Int64?)
    }

    /// Whether an execution may write a row.
    enum Permission {
        /// It owns the run, behind this fence.
        case owner(Fence)
        /// The store doesn't own the run: only a first row may be written.
        case unowned
        /// Another owner has the run.
        case lost
        /// Another execution in this process has the run.
        case otherExecution
    }

    private var entries: [RunID: Entry] = [:]
    private var reservations: Set<RunID> = []

    subscript(run: RunID) -> Entry? { entries[run] }

    /// The runs whose leases are to be renewed.
    var renewable: [(run: RunID, fence: Fence)] { entries.compactMap { $0.value.isLost ? nil : ($0.key, $0.value.fence) } }

    /// Whether the run is owned behind that fence, as far as is known.
    func owns(_ run: RunID, behind fence: Fence) -> Bool { entries[run].map { $0.fence == fence && !$0.isLost } ?? false }

    /// Reserves a run for the execution that wants to resume it, until ``endReservation(of:)``.
    ///
    /// - Returns: False when an execution in this process has the run or has reserved it.
    mutating func reserve(_ run: RunID) -> Bool { entries[run] == nil && reservations.insert(run).inserted }

    mutating func endReservation(of run: RunID) { reservations.remove(run) }

    /// Redis has made the run the store's.
    mutating func acquired(_ run: RunID, behind fence: Fence, until end: MonotonicInstant, for writer: Writer) {
        entries[run] = Entry(fence: fence, term: LeaseTerm(until: end), writer: writer)
    }

    func permission(for row: CheckpointRow, of run: RunID) -> Permission {
        guard let entry = entries[run] else { return .unowned }
        if !entry.allows(row) { return .otherExecution }
        return entry.isLost ? .lost : .owner(entry.fence)
    }

    /// A row was written: from now on the run belongs to the execution that wrote it.
    mutating func recordedRow(_ row: CheckpointRow, of run: RunID, behind fence: Fence, until end: MonotonicInstant) {
        renewed(run, behind: fence, until: end)
        if entries[run]?.fence == fence { entries[run]?.writer = .known(row.writer) }
    }

    /// A lease was extended. An answer to a request behind another fence says nothing of the run.
    mutating func renewed(_ run: RunID, behind fence: Fence, until end: MonotonicInstant) {
        if entries[run]?.fence == fence { entries[run]?.term.extend(until: end) }
    }

    /// Another owner has the run.
    ///
    /// - Returns: Whether that is news.
    mutating func lost(_ run: RunID, behind fence: Fence) -> Bool {
        guard owns(run, behind: fence) else { return false }
        entries[run]?.isLost = true
        return true
    }

    /// Forgets a run.
    mutating func remove(_ run: RunID) -> Entry? { entries.removeValue(forKey: run) }
}

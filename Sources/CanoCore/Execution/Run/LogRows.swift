/// The rows of a log, as far as later ones take their place, and how much room they leave.
///
/// Knows no states: what is generic over them costs several times as much.
@usableFromInline struct LogRows: Sendable {
    /// A row that a later one may take the place of.
    private struct OpenRow: Sendable {
        let sequence: Int
        let byteCount: Int
        /// Set when it says how far attempts are, which the next row about them says anew. A row that enters a state says of the attempts at
        /// its task that they begin.
        let part: VisitProgress.Part?
        /// The branch that has ended with it.
        let end: Int?

        init(_ row: borrowing CheckpointRow, byteCount: Int) {
            sequence = row.sequence
            self.byteCount = byteCount
            part = row.kind == .waiting || row.kind == .attempt || row.kind == .stateEntry ? .init(row.branch) : nil
            end = row.kind == .branchEnd ? row.branch : nil
        }
    }

    /// The number of the next row.
    private(set) var sequence = 0
    /// How many there are.
    private(set) var count = 0
    /// About how many bytes they take.
    private(set) var byteCount = 0
    /// The rows of the present visit.
    private var open: [OpenRow] = []
    /// With how many open rows, and with how many bytes, it is looked again how many of them are outdated.
    private var nextLook = (rows: Self.firstLook.rows, bytes: Self.firstLook.bytes)
    private static var firstLook: (rows: Int, bytes: Int) { (64, LogLimit.bytes / 4) }

    @usableFromInline init() {}

    /// Numbers a row that follows the last one, and says which rows it takes the place of.
    func place(_ row: inout CheckpointRow) {
        row.sequence = sequence
        // One that gathers what the rows of branches say knows which.
        if row.kind == .waiting, row.branch == nil, row.replaces != nil { return }
        row.replaces =
            switch row.kind {
            case .stateEntry, .compensationCompletion, .stepCursor: open.first?.sequence
            case .waiting, .attempt, .branchEnd: tail(of: .init(row.branch))
            case .compensated: tail(of: .task)
            case .rollbackStart: nil
            }
    }

    private func tail(of part: VisitProgress.Part) -> Int? { open.last.flatMap { $0.part == part ? $0.sequence : nil } }

    /// A row was written, or read from a log in its turn.
    mutating func wrote(_ row: borrowing CheckpointRow) {
        sequence = row.sequence + 1
        if let from = row.replaces {
            while let last = open.last, last.sequence >= from {
                open.removeLast()
                count -= 1
                byteCount -= last.byteCount
            }
        }
        let bytes = row.byteCount
        count += 1
        byteCount += bytes
        switch row.kind {
        case .stateEntry, .stepCursor:
            forgetOpenRows()
            open.append(OpenRow(row, byteCount: bytes))
        case .branchEnd, .waiting, .attempt: open.append(OpenRow(row, byteCount: bytes))
        case .compensationCompletion, .rollbackStart, .compensated: forgetOpenRows()
        }
    }

    /// Row by row: there is hardly ever more than one, and removing all of them makes the array anew.
    private mutating func forgetOpenRows() { while !open.isEmpty { open.removeLast() } }

    /// The first row of the visit's branches, when most of their rows say what later ones say anew: one row is to take the place of all.
    ///
    /// It is looked seldom enough that looking costs next to nothing.
    mutating func firstToGather() -> Int? {
        guard open.count >= nextLook.rows || byteCount >= nextLook.bytes, let first = open.dropFirst().first else { return nil }
        var known: Set<VisitProgress.Part> = []
        var outdated = (rows: 0, bytes: 0)
        for row in open.dropFirst().reversed() {
            if let end = row.end {
                known.insert(.branch(end))
            } else if let part = row.part, !known.insert(part).inserted {
                outdated.rows += 1
                outdated.bytes += row.byteCount
            }
        }
        if outdated.rows * 2 > open.count || outdated.bytes * 2 > byteCount {
            nextLook = Self.firstLook
            return first.sequence
        }
        nextLook = (max(Self.firstLook.rows, open.count * 2), max(Self.firstLook.bytes, byteCount + LogLimit.bytes / 8))
        return nil
    }

    /// Whether the log has no room for a row.
    func isFull(for row: CheckpointRow) -> Bool {
        var row = row
        place(&row)
        return problem(with: row) != nil
    }

    /// Why the log has no room for a row that is placed; nil when it has.
    func problem(with row: borrowing CheckpointRow) -> String? {
        let bytes = row.byteCount
        // Far from the limits it does not matter what the row takes the place of.
        if count < LogLimit.rows, byteCount + bytes <= LogLimit.bytes { return nil }
        let from = row.replaces ?? .max
        let replaced = open.filter { $0.sequence >= from }
        if count - replaced.count >= LogLimit.rows { return "the log holds \(LogLimit.rows) rows, which is the limit" }
        let total = byteCount + bytes - replaced.reduce(0) { $0 + $1.byteCount }
        return total > LogLimit.bytes ? "the log would hold \(total) bytes, and \(LogLimit.bytes) are the limit" : nil
    }
}

import CanoCore

/// The rows of a run's log, by their numbers: where later ones take their place. Pure.
struct LogTail: Sendable {
    private var sequences: [Int]

    init(_ sequences: [Int] = []) {
        self.sequences = sequences
    }

    /// Adds rows that are written together.
    ///
    /// - Returns: How many rows at the end of the log go, and which of the new ones come: one of them may take another one's place.
    mutating func write(_ rows: [CheckpointRow]) -> (drops: Int, rows: [CheckpointRow]) {
        let before = sequences.count
        var left = before
        var added: [CheckpointRow] = []
        for row in rows {
            if let replaced = row.replaces {
                while let last = added.last, last.sequence >= replaced { added.removeLast() }
                while let last = sequences.last, last >= replaced { sequences.removeLast() }
                left = min(left, sequences.count)
            }
            added.append(row)
        }
        sequences += added.map(\.sequence)
        return (before - left, added)
    }
}

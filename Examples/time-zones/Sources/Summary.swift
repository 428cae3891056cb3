import CanoCore

/// What a run leaves behind as its `output`.
struct Summary: Codable, Sendable {
    /// Rows of the table.
    let rows: Int
    /// Clocks: a zone that several countries share is one for each of them.
    let clocks: Int
    /// Clocks that go forward and back.
    let changing: Int
    /// Countries that have a clock.
    let countries: Int
    /// Rows that were left out; `rejected.txt` says why.
    let rejected: Int
    /// Countries that have none.
    let without: [String]
}

/// A row that was left out, and why.
struct Rejection: Error, Codable, CustomStringConvertible {
    let line: Int
    let reason: String
    var description: String { "line \(line): \(reason)" }
}

/// More than a tenth of the rows are wrong, so it is the wrong table. No further attempt cures that.
struct TooManyRejected: TerminalError, CodedError, CustomStringConvertible {
    let rejected: [Rejection]
    let rows: Int
    var code: String { "too_many_rejected" }
    var description: String { "\(rejected.count) of \(rows) rows are wrong: \(rejected.map(\.description).joined(separator: "; "))" }
}

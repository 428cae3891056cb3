import CanoBus
import CanoRedis

/// A task of a run, as the run's open tasks have it by the leg that waits for its answer.
struct OpenTask: Sendable, Hashable {
    let queue: String
    /// From 1.
    let attempt: Int
    /// What the tokens of all attempts have in common.
    let nonce: String
    /// Its entry on the queue; nil once the leg is closed, of which only ``losses`` count then.
    let entry: StreamEntryID?
    /// How often its worker is to be heard of, in milliseconds.
    let lease: Int64
    /// How long it may wait for a worker, in milliseconds; nil for as long as it takes.
    let queueUpTo: Int64?
    /// How often workers have given this attempt back.
    let released: Int
    /// How often a worker was lost that had the task, in all attempts.
    let losses: Int
    /// Until when the answer may come from elsewhere, in milliseconds since 1970: its entry is off the queue then.
    let deferredUntil: Int64?

    /// At which loss the task is over: it may be what its workers die of.
    static let mostLosses = 3

    /// Whether its answer is waited for.
    var isOpen: Bool { entry != nil }

    /// What its worker knows it by.
    func token(of run: String, leg: String) -> TaskToken { TaskToken(run: run, leg: leg, attempt: attempt, nonce: nonce) }

    /// Reads it as it is kept; nil when it was damaged.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard parts.count == 9, let attempt = Int(parts[1]), let lease = Int64(parts[3]), let released = Int(parts[6]),
            let losses = Int(parts[7])
        else { return nil }
        let values = parts.map { $0 == "-" ? nil : $0 }
        entry = values[0].flatMap { StreamEntryID($0) }
        self.attempt = attempt
        nonce = parts[2]
        self.lease = lease
        queueUpTo = values[4].flatMap { Int64($0) }
        queue = parts[5]
        self.released = released
        self.losses = losses
        deferredUntil = values[8].flatMap { Int64($0) }
    }

    /// Reads all of a run, by their legs; those that were damaged are left out.
    static func all(_ fields: [(field: RESPBytes, value: RESPBytes)]) -> [String: OpenTask] {
        let read = fields.compactMap { field, value in
            OpenTask(String(decoding: value, as: UTF8.self)).map { (String(decoding: field, as: UTF8.self), $0) }
        }
        return Dictionary(read) { _, last in last }
    }
}

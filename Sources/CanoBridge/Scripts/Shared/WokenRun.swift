import CanoBus
import CanoRedis

/// What may have changed in a run that its last bridge holds, and that is that one's again.
struct WokenRun: Sendable, Hashable {
    /// Why it is to be cancelled, once that was asked for.
    let cancellation: String?
    /// The signals that no step has consumed yet.
    let inbox: Inbox
    /// Its tasks that workers have or are to take, by the legs that wait for the answers.
    let openTasks: [String: OpenTask]
    /// Its children that have not ended, by the legs that wait for their ends.
    let openChildren: [String: OpenChild]

    /// Reads the answer of a script; nil when it is none.
    ///
    /// - Throws: ``RedisError`` when what is in it is no hash.
    init?(_ reply: RESPValue) throws(RedisError) {
        guard let parts = reply.arrayValue, parts.count == 4, parts[0].string == "held", let cancellation = parts[1].string
        else { return nil }
        self.cancellation = cancellation.isEmpty ? nil : cancellation
        inbox = Inbox(try HGETALL.decode(parts[2]))
        let open = try HGETALL.decode(parts[3])
        openTasks = OpenTask.all(open)
        openChildren = OpenChild.all(open)
    }
}

/// How far a run is that this bridge holds: its rows and events, as its record counts them.
struct HeldPosition: Sendable, Hashable {
    let rows: Int
    let events: Int
}

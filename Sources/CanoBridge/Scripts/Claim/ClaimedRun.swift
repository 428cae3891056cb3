import CanoBus
import CanoRedis

/// A run that is this bridge's now, whole as Redis has it.
struct ClaimedRun: Sendable, Hashable {
    let record: RunRecord
    /// The run's log, a row each. It is read when the run goes on: one that can't be read fails the run.
    let log: [RESPBytes]
    /// The run's store: names and JSON.
    let store: [String: [UInt8]]
    /// The signals that no step has consumed yet.
    let inbox: Inbox
    /// Its tasks that workers have or are to take, by the legs that wait for the answers.
    var openTasks: [String: OpenTask] = [:]
    /// Its children that have not ended, by the legs that wait for their ends.
    var openChildren: [String: OpenChild] = [:]
}

/// What the scripts answer that make a run this bridge's.
enum ClaimAnswer: Sendable {
    /// The run is this bridge's.
    case claimed(ClaimedRun)
    /// It is not to be had, for this reason.
    case refused(Refusal)

    enum Refusal: String, Sendable {
        case gone, unknown, moved
        case notDue = "not-due"
        case notResumable = "not-resumable"
        /// It is not to go on: ``EndUnclaimed`` ends it.
        case toEnd = "to-end"
        /// Those before it had so much to give that it is to be asked for again.
        case later
    }

    /// Reads an answer; nil when it is none.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun` when the run's record was damaged.
    init?(_ reply: RESPValue, about run: String) throws {
        if let refusal = reply.string.flatMap({ Refusal(rawValue: $0) }) {
            self = .refused(refusal)
        } else if let parts = reply.arrayValue, parts.count == 7, parts[0].string == "claimed", let log = parts[3].arrayValue,
            let record = try RunRecord([String: String](hash: HGETALL.decode(parts[2])), of: run)
        {
            let fields = try HGETALL.decode(parts[4]).map { (String(decoding: $0.field, as: UTF8.self), Array($0.value)) }
            let open = try HGETALL.decode(parts[6])
            self = .claimed(
                ClaimedRun(
                    record: record, log: log.map { $0.bytes ?? [] }, store: Dictionary(fields) { _, last in last },
                    inbox: Inbox(try HGETALL.decode(parts[5])), openTasks: OpenTask.all(open),
                    openChildren: OpenChild.all(open)))
        } else {
            return nil
        }
    }
}

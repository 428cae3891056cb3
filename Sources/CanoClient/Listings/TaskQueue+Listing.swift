import CanoBus
import CanoPrimitives

extension TaskQueue {
    /// The queue and its workers as one JSON object on one line, with times in milliseconds. What there is none of is left out.
    package var json: String {
        var text = JSONWriter()
        text.member("queue", name)
        text.member("waiting", Int64(waiting))
        if let oldestWaiting { text.member("oldest_waiting_ms", oldestWaiting.wholeMilliseconds) }
        text.member("held", Int64(held))
        text.member("in_hand", Int64(inHand))
        if let oldestInHand { text.member("oldest_in_hand_ms", oldestInHand.wholeMilliseconds) }
        text.member("workers", json: JSONWriter.array(workers.map(\.json)))
        return text.object
    }
}

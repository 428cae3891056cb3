import CanoBus
import CanoPrimitives

extension QueueWorker {
    /// The worker as a JSON object.
    package var json: String {
        var text = JSONWriter()
        text.member("worker", name)
        text.member("in_hand", Int64(inHand))
        text.member("silent_ms", silence.wholeMilliseconds)
        return text.object
    }
}

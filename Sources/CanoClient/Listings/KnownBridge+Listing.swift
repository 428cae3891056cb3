import CanoPrimitives
import CanoRedis

extension KnownBridge {
    /// The bridge as one JSON object on one line.
    package var json: String {
        var text = JSONWriter()
        text.member("bridge", id)
        text.member("silent_ms", silence.wholeMilliseconds)
        if let durability { text.member("durability", durability.description) }
        text.member("workflows", json: JSONWriter.array(workflows.map(JSONWriter.string)))
        return text.object
    }
}

import CanoBus
import CanoPrimitives

extension ServedWorkflow {
    /// The workflow as one JSON object on one line.
    package var json: String {
        var text = JSONWriter()
        text.member("workflow", name)
        if let version { text.member("version", version) }
        text.member("bridges", json: JSONWriter.array(bridges.map(JSONWriter.string)))
        text.member("running", Int64(running))
        text.member("waiting", Int64(waiting))
        text.member("scheduled", Int64(scheduled))
        return text.object
    }
}

import CanoBus
import CanoPrimitives
import CanoRedis

extension QueuedTask {
    /// The task as one JSON object on one line: its entry, how old it is, who has it, and its fields with the input as a value.
    package var json: String {
        var text = JSONWriter()
        text.member("entry", "\(id)")
        text.member("age_ms", age.wholeMilliseconds)
        if let holder {
            text.member("worker", holder.worker)
            text.member("silent_ms", holder.silence.wholeMilliseconds)
        }
        let order = TaskEntry.definitions.map(\.field.rawValue)
        for name in order + fields.keys.filter({ !order.contains($0) }).sorted() {
            guard let value = fields[name] else { continue }
            text.member(name, json: (name == Field.input.rawValue ? Self.oneLine(ofJSON: value) : nil) ?? JSONWriter.string(value))
        }
        return text.object
    }

    /// The text on one line; nil where it isn't JSON, as it may be where another program than a bridge has put a task on the queue.
    private static func oneLine(ofJSON text: String) -> String? {
        do throws(JSONSyntax.Problem) {
            try JSONSyntax.check(text)
            return text.jsonOnOneLine
        } catch {
            return nil
        }
    }
}

import CanoBus
import CanoPrimitives

extension ScheduleRecord {
    /// The schedule as a line for people.
    ///
    /// - Parameter trouble: Why it does not fire, if that is known.
    /// - Returns: The line.
    func line(_ trouble: String? = nil) -> String {
        let skipped = skipped == 0 ? "" : "  left out \(skipped)"
        return "\(Self.moment(next))  \(name)  \(workflow ?? "-")  \(due)  fired \(fired)  last \(Self.moment(last))\(skipped)"
            + (trouble.map { "  \($0)" } ?? "")
    }

    private var due: String {
        switch timing {
        case .cron(let expression, let zone): "cron \"\(expression)\" \(zone)"
        case .every(let interval): "every \(interval.wholeMilliseconds) ms"
        case .at(let moment): "at \(Timestamp.text(moment))"
        case nil: "damaged: set it again"
        }
    }

    private static func moment(_ milliseconds: Int64?) -> String { milliseconds.map(Timestamp.text) ?? "-" }

    /// Its name and all its fields as one JSON object on one line, with `input` as a value inside it.
    var json: String {
        var text = JSONWriter()
        text.member(.name, name)
        for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(field, json: field == Field.input.rawValue ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }
}

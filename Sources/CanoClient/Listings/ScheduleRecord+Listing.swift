package import CanoBus
import CanoPrimitives

extension ScheduleRecord {
    /// Its name and all its fields as one JSON object on one line, with `input` as a value inside it.
    package var json: String {
        var text = JSONWriter()
        text.member(.name, name)
        for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(field, json: field == Field.input.rawValue ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }

    /// The rule for its due times, for people.
    package var due: String {
        switch timing {
        case .cron(let expression, let zone): "cron \"\(expression)\" \(zone)"
        case .every(let interval): "every \(interval.wholeMilliseconds) ms"
        case .at(let moment): "at \(Timestamp.text(moment))"
        case nil: "damaged: set it again"
        }
    }
}

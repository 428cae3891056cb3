import CanoBus
import CanoPrimitives

/// A schedule as it is listed, made of its hash in Redis.
struct ScheduleListing: Sendable {
    let name: String
    private let fields: [String: String]
    /// When it is due next, in milliseconds since 1970; the largest number when its hash is damaged.
    let next: Int64

    init(name: String, fields: [String: String]) {
        self.name = name
        self.fields = fields
        next = fields[Field.next.rawValue].flatMap { Int64($0) } ?? .max
    }

    private subscript(field: Field) -> String? { fields[field.rawValue] }

    /// The schedule as a line for people.
    var line: String {
        "\(moment(.next))  \(name)  \(self[.workflow] ?? "-")  \(due)  fired \(self[.fired] ?? "0")  last \(moment(.last))"
    }

    private var due: String {
        if let cron = self[.cron] { return "cron \"\(cron)\" \(self[.timeZone] ?? "UTC")" }
        if let interval = self[.interval] { return "every \(interval) ms" }
        return self[.at] == nil ? "damaged: set it again" : "at \(moment(.at))"
    }

    private func moment(_ field: Field) -> String { self[field].flatMap { Int64($0) }.map(Timestamp.text) ?? "-" }

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

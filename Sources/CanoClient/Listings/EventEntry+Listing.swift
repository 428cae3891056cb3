package import CanoBus
import CanoPrimitives

extension EventEntry {
    /// All fields as one JSON object on one line, with `data` as an object inside it.
    package var json: String {
        var text = JSONWriter()
        for field in Self.fields {
            text.member(field, json: field == .data ? self[.data].jsonOnOneLine : JSONWriter.string(self[field]))
        }
        for (name, value) in unknownFields.sorted(by: { $0.key < $1.key }) { text.member(name, value) }
        return text.object
    }

    // MARK: In a timeline of its run

    /// The state it is about; empty where it is about none.
    package var stateName: String { members?[Field.state.rawValue].map(Self.shown) ?? "" }

    /// What there is to know besides, for people: the task, the attempt, the signal, the reason, the error.
    package var detail: String {
        let members = members
        func text(_ field: Field) -> String? { members?[field.rawValue].map(Self.shown) }
        let failure = members?[Field.error.rawValue].flatMap(Self.failure)
        let details = [
            text(.task), text(.attempt).map { "attempt \($0)" }, text(.name), text(.outcome), text(.by).map { "by \($0)" }, text(.awaited),
            text(.reason), failure.map { "\($0.code): \($0.message)" },
        ]
        return details.compactMap(\.self).joined(separator: ", ")
    }

    /// What its data say; nil where they are damaged.
    private var members: JSONObject? {
        do throws(JSONSyntax.Problem) { return try JSONObject(dataJSON) } catch { return nil }
    }

    private static func failure(_ json: String) -> RunFailure? {
        do { return try RunFailure(json: json) } catch { return nil }
    }

    /// A value without the quotes of a text.
    private static func shown(_ json: String) -> String {
        guard json.hasPrefix("\"") else { return json.jsonOnOneLine }
        do { return try JSONValue.decode(String.self, from: json.utf8) } catch { return json }
    }

    /// How it is to be taken at a glance.
    package enum Tone: String, Sendable {
        case good, bad, warning, plain
    }

    /// How it is to be taken at a glance.
    package var tone: Tone {
        switch type {
        case .runCompleted: .good
        case .runFailed, .taskFailed, .itemFailed, .compensationFailed, .commandRejected: .bad
        case .runCancelled, .taskRetried, .itemRetried: .warning
        default: .plain
        }
    }
}

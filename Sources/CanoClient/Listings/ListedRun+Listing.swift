import CanoBus
import CanoPrimitives

extension ListedRun {
    /// The run as one JSON object on one line: its id and the fields of its record, with what is JSON as a value inside it.
    package var json: String {
        var text = JSONWriter()
        text.member(.id, id)
        for field in Self.listedFields {
            guard let value = self[field] else { continue }
            text.member(field, json: RunRecord.nested.contains(field) ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }

    /// What there is to know besides: why it failed, or what it waits for.
    package var detail: String {
        switch status {
        case .failed, .cancelled:
            let rollback = rollback == .partial ? ["not undone whole"] : []
            return (rollback + [failure.map { "\($0.code): \($0.message)" } ?? self[.cancel] ?? ""]).joined(separator: ", ")
        case .waiting:
            let until = wakeAt.map { ", until \(Timestamp.text($0))" } ?? ""
            return (waitingFor ?? "") + until
        case .running, .scheduled, .completed: return self[.cancel].map { "to be cancelled: \($0)" } ?? ""
        }
    }
}

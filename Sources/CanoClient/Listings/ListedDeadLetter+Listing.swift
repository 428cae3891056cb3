import CanoBus
import CanoPrimitives
import CanoRedis

extension ListedDeadLetter {
    /// The letter as one JSON object on one line, with the command's own fields in an object.
    package var json: String {
        var text = JSONWriter()
        text.member("letter", "\(id)")
        text.member(.errorCode, letter.code)
        text.member(.errorMessage, letter.message)
        text.member(.entry, letter.entry)
        text.member(.bridge, letter.bridge)
        var command = JSONWriter()
        for (name, value) in letter.fields.sorted(by: { $0.key < $1.key }) { command.member(name, value) }
        text.member("command", json: command.object)
        return text.object
    }

    /// What the command was about: its workflow, and the run, schedule or task. Empty where it does not say.
    package var about: String {
        let fields = letter.fields
        func said(_ field: Field) -> String? { fields[field.rawValue].flatMap { $0.isEmpty ? nil : $0 } }
        return [said(.workflow), said(.id) ?? said(.name) ?? said(.task)].compactMap(\.self).joined(separator: " ")
    }
}

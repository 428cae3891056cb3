import CanoPrimitives

/// What is rejected with more than the rule of one field.
extension CommandFields {
    /// A rejection with as much of the command as is valid.
    func rejection(_ code: RejectionCode, _ message: String) -> Rejection {
        func valid(_ read: () throws(InvalidField) -> String?) -> String? {
            do { return try read() } catch { return nil }
        }
        return Rejection(
            code, message,
            of: Rejection.Addressee(
                run: valid(run), workflow: valid(workflow), replyName: valid(replyName), traceparent: trace().parent))
    }

    /// JSON text, `null` where there is none; not yet known to be JSON.
    func json(_ field: Field, called name: String, atMost maximum: Int) throws -> String {
        if hasBinaryData {
            throw rejection(.invalidField, "\(Self.binaryData) is not read: send the JSON text itself as \(spelled(field)).")
        }
        let text = try text(field) ?? "null"
        guard text.utf8.count <= maximum else {
            throw rejection(.tooLarge, "The \(name) is \(text.utf8.count) bytes long; \(maximum) are the most it may be.")
        }
        return text
    }

    /// JSON text, `null` where there is none.
    func checkedJSON(_ field: Field, called name: String, atMost maximum: Int) throws -> String {
        let json = try json(field, called: name, atMost: maximum)
        do throws(JSONSyntax.Problem) {
            try JSONSyntax.check(json)
        } catch {
            throw InvalidField("\(name) is not JSON: \(error.message), \(error.offset) bytes from its beginning.")
        }
        return json
    }
}

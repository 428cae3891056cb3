import CanoPrimitives

/// A step whose work a worker was asked for and that had not finished when the run's rollback began, as the row of that has it: it is undone
/// like a finished one.
struct UnfinishedStep: Codable, Hashable, Sendable {
    let state: String
    let task: String
    let visit: Int
    /// What the work came to, as JSON text; `nil` when that is not known.
    var output: String?
    /// What was asked for, as JSON text, where nothing else is known.
    var asked: String?

    var json: String {
        var writer = JSONWriter()
        writer.member("state", state)
        writer.member("task", task)
        writer.member("visit", Int64(visit))
        if let output { writer.member("output", output) }
        if let asked { writer.member("asked", asked) }
        return writer.object
    }
}

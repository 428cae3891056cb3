/// A worker's answer that gives its task back unharmed: it stops, for instance. That is no attempt.
package struct ReleaseAnswer: BusCommand {
    package static let type = CommandType.release
    package static let definitions: [FieldDefinition] = [.taskToken]

    package let task: TaskToken

    package init(_ task: TaskToken) { self.task = task }

    package var values: [(Field, String?)] { [(.task, task.description)] }
}

import CanoPrimitives

/// A worker's answer that its task is done.
package struct CompleteAnswer: BusCommand {
    package static let type = CommandType.complete

    package static let definitions: [FieldDefinition] = [
        .taskToken,
        .optional(.output, .shortJSON(bytes: BusLimits.taskBytes), "What the work came to; `null` where it is absent."),
        .optional(
            .next, .shortText(bytes: BusLimits.stateBytes),
            "The state that follows, where the worker decides that: one that the task may lead to."),
    ]

    package let task: TaskToken
    /// JSON text.
    package let output: String
    package let next: String?

    package init(_ task: TaskToken, output: String = "null", next: String? = nil) {
        self.task = task
        self.output = output
        self.next = next
    }

    package var values: [(Field, String?)] {
        [(.task, task.description), (.output, output == "null" ? nil : output), (.next, next)]
    }
}

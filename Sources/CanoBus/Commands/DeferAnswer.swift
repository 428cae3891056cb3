/// A worker's answer that the answer will come from elsewhere: from a person, or a callback. Nothing has to be heard of its worker any more.
package struct DeferAnswer: BusCommand {
    package static let type = CommandType.defer

    package static let definitions: [FieldDefinition] = [
        .taskToken,
        .required(
            .upTo, .milliseconds(least: 1), "For how long the answer may take, in milliseconds from now. The attempt has failed then."),
    ]

    package let task: TaskToken
    /// Milliseconds.
    package let upTo: Int64

    package init(_ task: TaskToken, upTo: Int64) {
        self.task = task
        self.upTo = upTo
    }

    package var values: [(Field, String?)] { [(.task, task.description), (.upTo, String(upTo))] }
}

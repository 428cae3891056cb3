/// A task on a queue: one attempt at the work that a step of a run asks for.
package struct TaskEntry: Sendable, Hashable {
    /// The fields of every task, in their order.
    package static let definitions: [FieldDefinition] = [
        .required(.task, .pattern(TaskToken.pattern), "What the answer says in its field `task`. Opaque: hand it back as it is."),
        .required(.run, .runName, "The run that asks for the work."),
        .required(.workflow, .name, "The run's workflow."),
        .required(.version, .name, "The version of that."),
        .required(.state, .text, "The state that the work is asked for in."),
        .required(.name, .text, "The name of the task; of one that undoes what a task did, `undo:` and the name of that."),
        .required(.attempt, .count, "The attempt, from 1."),
        .required(.attempts, .emptyOr(.count), "How many attempts there are at most; empty without a limit."),
        .required(
            .lease, .milliseconds(least: 1),
            "How often the worker is to be heard of, in milliseconds: after a longer silence it has lost the task."),
        .required(
            .until, .emptyOr(.moment),
            "When the attempt's time is over, in milliseconds since 1970; empty where that is never."),
        .required(
            .idempotencyKey, .text,
            "The same for every attempt of a visit, or at undoing it: for systems in which an effect must not happen twice."),
        .required(.input, .shortJSON(bytes: BusLimits.taskBytes), "What the work is done with."),
        .required(.traceparent, .emptyOr(.traceparent), "W3C trace context, or empty."),
    ]

    /// Names the run and the attempt.
    package let task: TaskToken
    package let workflow: String
    package let version: String
    package let state: String
    /// The name of the task; of one that undoes what a task did, `undo:` and the name of that.
    package let name: String
    /// How many attempts there are at most; nil without a limit.
    package let attempts: Int?
    /// How often the worker is to be heard of, in milliseconds.
    package let lease: Int64
    /// When the attempt's time is over, in milliseconds since 1970; nil where that is never.
    package let until: Int64?
    package let idempotencyKey: String
    /// JSON text.
    package let input: String
    /// A well-formed one, or nothing.
    package let traceparent: String

    package init(
        _ task: TaskToken, workflow: String, version: String, state: String, name: String, attempts: Int? = nil, lease: Int64,
        until: Int64? = nil, idempotencyKey: String, input: String, traceparent: String = ""
    ) {
        self.task = task
        self.workflow = workflow
        self.version = version
        self.state = state
        self.name = name
        self.attempts = attempts
        self.lease = lease
        self.until = until
        self.idempotencyKey = idempotencyKey
        self.input = input
        self.traceparent = traceparent
    }

    /// The fields to publish: one `XADD` of them is the task. Always all of them; what has no value is empty.
    package var fields: [(name: String, value: String)] { Self.definitions.map { ($0.field.rawValue, value(of: $0.field)) } }

    private func value(of field: Field) -> String {
        switch field {
        case .task: task.description
        case .run: task.run
        case .workflow: workflow
        case .version: version
        case .state: state
        case .name: name
        case .attempt: String(task.attempt)
        case .attempts: attempts.map(String.init) ?? ""
        case .lease: String(lease)
        case .until: until.map(String.init) ?? ""
        case .idempotencyKey: idempotencyKey
        case .input: input
        case .traceparent: traceparent
        default: ""
        }
    }
}

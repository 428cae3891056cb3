package import CanoPrimitives

/// A state was entered.
public struct StateEntered: SingleEventData {
    package static let type = EventType.stateEntered

    /// The state.
    public let state: String
    /// The state before it.
    public let previous: String?

    package init(state: String, previous: String?) {
        self.state = state
        self.previous = previous
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.previous, json: JSONWriter.string(previous))
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        previous = try data.optional(.previous)
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.previous, .optional(.text), "The state before it."),
    ]
}

/// A task began, or came to an end that needs no more words; or its circuit breaker let it not begin.
public struct TaskEvent: EventDataCoding {
    /// The type of the event.
    public let type: EventType
    /// The state.
    public let state: String
    /// The task.
    public let task: String

    package init(_ type: EventType, state: String, task: String) {
        self.type = type
        self.state = state
        self.task = task
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
    }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) {
        self.type = type
        state = try data.value(.state)
        task = try data.value(.task)
    }

    package static let types = [EventType.taskStarted, .taskSucceeded, .circuitOpened]
    package static let members = [Member(.state, .text, "The state."), Member(.task, .text, "The task.")]
}

/// An attempt at a task has failed, and another follows.
public struct TaskRetried: SingleEventData {
    package static let type = EventType.taskRetried

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// The attempt that failed, from 1.
    public let attempt: Int
    /// The pause before the next one, in milliseconds.
    public let delay: Int64
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, attempt: Int, delay: Int64, error: RunFailure) {
        self.state = state
        self.task = task
        self.attempt = attempt
        self.delay = delay
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.attempt, Int64(attempt))
        data.member(.delay, delay)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        attempt = try data.value(.attempt)
        delay = try data.value(.delay)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."),
        Member(.attempt, .wholeNumber, "The attempt that failed, from 1."),
        Member(.delay, .wholeNumber, "The pause before the next one, in milliseconds."), Member(.error, .failure, "Why it failed."),
    ]
}

/// A task has failed for good.
public struct TaskFailed: SingleEventData {
    package static let type = EventType.taskFailed

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, error: RunFailure) {
        self.state = state
        self.task = task
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."), Member(.error, .failure, "Why it failed."),
    ]
}

/// A checkpoint row was written.
public struct CheckpointWritten: SingleEventData {
    package static let type = EventType.checkpointWritten

    /// The row's number, from 0.
    public let row: Int
    /// What it says.
    public let kind: String

    package init(row: Int, kind: String) {
        self.row = row
        self.kind = kind
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.row, Int64(row))
        data.member(.kind, kind)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        row = try data.value(.row)
        kind = try data.value(.kind)
    }

    package static let members = [Member(.row, .wholeNumber, "The row's number, from 0."), Member(.kind, .text, "What it says.")]
}

/// A finished step is being undone, or was.
public struct CompensationEvent: EventDataCoding {
    /// The type of the event.
    public let type: EventType
    /// The task whose step it is.
    public let task: String

    package init(_ type: EventType, task: String) {
        self.type = type
        self.task = task
    }

    package func write(_ data: inout JSONWriter) { data.member(.task, task) }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) {
        self.type = type
        task = try data.value(.task)
    }

    package static let types = [EventType.compensationStarted, .compensationSucceeded]
    package static let members = [Member(.task, .text, "The task whose step it is.")]
}

/// A finished step could not be undone.
public struct CompensationFailed: SingleEventData {
    package static let type = EventType.compensationFailed

    /// The task whose step it is.
    public let task: String
    /// Why it could not be undone.
    public let error: RunFailure

    package init(task: String, error: RunFailure) {
        self.task = task
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.task, task)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        task = try data.value(.task)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.task, .text, "The task whose step it is."), Member(.error, .failure, "Why it could not be undone."),
    ]
}

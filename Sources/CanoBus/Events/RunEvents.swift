package import CanoPrimitives

/// A run has begun.
package struct RunStarted: SingleEventData {
    package static let type = EventType.runStarted

    package let version: String
    package let state: String
    /// JSON text; nil when it is longer than ``BusLimits/inlineInputBytes``.
    package let input: String?

    package init(version: String, state: String, input: String) {
        self.version = version
        self.state = state
        self.input = input.utf8.count <= BusLimits.inlineInputBytes ? input : nil
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.version, version)
        data.member(.state, state)
        if let input { data.member(.input, json: input) }
    }

    /// The same with a hole for an input that only Redis knows.
    package static func template(version: String, state: String) -> String {
        var data = JSONWriter()
        data.member(.version, version)
        data.member(.state, state)
        data.optionalHole(.input)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        version = try data.value(.version)
        state = try data.value(.state)
        input = data[.input]
    }

    package static let members = [
        Member(.version, .text, "The version of the workflow that runs it."), Member(.state, .text, "The first state."),
        Member(.input, .any, mayBeMissing: true, "The input; left out above 4 KiB."),
    ]
}

/// A run is to begin later.
package struct RunScheduled: SingleEventData {
    package static let type = EventType.runScheduled

    /// Milliseconds since 1970.
    package let notBefore: Int64

    package init(notBefore: Int64) {
        self.notBefore = notBefore
    }

    package func write(_ data: inout JSONWriter) { data.member(.notBefore, notBefore) }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { notBefore = try data.value(.notBefore) }

    package static let members = [Member(.notBefore, .wholeNumber, "When it is to begin, in milliseconds since 1970.")]
}

/// A run goes on under another owner, or again.
package struct RunResumed: SingleEventData {
    package static let type = EventType.runResumed

    package let state: String
    /// The number of the last row stored.
    package let row: Int
    package let previousBridge: String
    package let recoveries: Int
    package let cause: ResumeCause

    package init(state: String, row: Int, previousBridge: String, recoveries: Int, cause: ResumeCause) {
        self.state = state
        self.row = row
        self.previousBridge = previousBridge
        self.recoveries = recoveries
        self.cause = cause
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.row, Int64(row))
        data.member(.previousBridge, previousBridge)
        data.member(.recoveries, Int64(recoveries))
        data.member(.by, cause.rawValue)
    }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        for field in [Field.state, .row, .previousBridge, .recoveries, .by] { data.hole(field) }
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        row = try data.value(.row)
        previousBridge = try data.value(.previousBridge)
        recoveries = try data.value(.recoveries)
        cause = try data.word(.by)
    }

    package static let members = [
        Member(.state, .text, "The state it goes on in."), Member(.row, .wholeNumber, "The number of the last row stored."),
        Member(.previousBridge, .text, "The bridge that had it before."),
        Member(.recoveries, .wholeNumber, "Takeovers since its last row."),
        Member(.by, Member.words(ResumeCause.self), "How it came to its present owner."),
    ]
}

/// A run has completed.
package struct RunCompleted: SingleEventData {
    package static let type = EventType.runCompleted

    package let state: String
    /// JSON text; nil when it is longer than ``BusLimits/inlineOutputBytes``: the record has it.
    package let output: String?
    /// Since the run began, in milliseconds.
    package let duration: Int64

    package init(state: String, output: String, duration: Int64) {
        self.state = state
        self.output = output.utf8.count <= BusLimits.inlineOutputBytes ? output : nil
        self.duration = duration
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        if let output { data.member(.output, json: output) }
        data.member(.duration, duration)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        output = data[.output]
        duration = try data.value(.duration)
    }

    package static let members = [
        Member(.state, .text, "The exit state."), Member(.output, .any, mayBeMissing: true, "The output; left out above 64 KiB."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."),
    ]
}

/// A run has failed.
package struct RunFailed: SingleEventData {
    package static let type = EventType.runFailed

    package let state: String
    /// JSON text of a ``RunFailure``.
    package let error: String
    package let rollback: RollbackResult
    package let isResumable: Bool
    /// Since the run began, in milliseconds.
    package let duration: Int64

    package init(state: String, error: String, rollback: RollbackResult, isResumable: Bool, duration: Int64) {
        self.state = state
        self.error = error
        self.rollback = rollback
        self.isResumable = isResumable
        self.duration = duration
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.error, json: error)
        data.member(.rollback, rollback.rawValue)
        data.member(.resumable, isResumable)
        data.member(.duration, duration)
    }

    /// The same, not undone and resumable, with holes for the state, also that of the failure, and the duration.
    package static func template(_ failure: RunFailure) -> String {
        var data = JSONWriter()
        data.hole(.state)
        data.member(.error, json: failure.template)
        data.member(.rollback, RollbackResult.none.rawValue)
        data.member(.resumable, true)
        data.hole(.duration)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        error = try RunFailure(try data.object(.error)).json
        rollback = try data.word(.rollback)
        isResumable = try data.value(.resumable)
        duration = try data.value(.duration)
    }

    package static let members = [
        Member(.state, .text, "The state it failed in."), Member(.error, .failure, "Why it failed."),
        Member(.rollback, Member.words(RollbackResult.self), "What became of the steps that can be undone."),
        Member(.resumable, .truth, "Whether it can go on from its last step."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."),
    ]
}

/// A run was cancelled.
package struct RunCancelled: SingleEventData {
    package static let type = EventType.runCancelled

    package let state: String
    package let reason: String?
    package let rollback: RollbackResult
    /// Since the run began, in milliseconds.
    package let duration: Int64

    package init(state: String, reason: String?, rollback: RollbackResult, duration: Int64) {
        self.state = state
        self.reason = reason
        self.rollback = rollback
        self.duration = duration
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.reason, json: JSONWriter.string(reason))
        data.member(.rollback, rollback.rawValue)
        data.member(.duration, duration)
    }

    /// The same of a run that had done nothing yet, with holes for the state and the reason.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.state)
        data.hole(.reason)
        data.member(.rollback, RollbackResult.none.rawValue)
        data.member(.duration, Int64(0))
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        reason = try data.optional(.reason)
        rollback = try data.word(.rollback)
        duration = try data.value(.duration)
    }

    package static let members = [
        Member(.state, .text, "The state it was in, or was to begin in."), Member(.reason, .optional(.text), "Why it was cancelled."),
        Member(.rollback, Member.words(RollbackResult.self), "What became of the steps that can be undone."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."),
    ]
}

/// The answer to a command whose run is known already.
package struct RunDuplicate: SingleEventData {
    package static let type = EventType.runDuplicate

    package let status: RunStatus
    /// Of a start: whether the run has the same workflow.
    package let hasSameWorkflow: Bool?
    /// Of a start: whether the run has the same input, byte for byte.
    package let hasSameInput: Bool?
    /// JSON text; nil of a run that has not completed, and when it is longer than ``BusLimits/inlineOutputBytes``.
    package let output: String?
    /// JSON text of a ``RunFailure``; nil of a run that has none.
    package let error: String?

    package init(
        status: RunStatus, hasSameWorkflow: Bool? = nil, hasSameInput: Bool? = nil, output: String? = nil, error: String? = nil
    ) {
        self.status = status
        self.hasSameWorkflow = hasSameWorkflow
        self.hasSameInput = hasSameInput
        self.output = output
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.status, status.rawValue)
        if let hasSameWorkflow { data.member(.sameWorkflow, hasSameWorkflow) }
        if let hasSameInput { data.member(.sameInput, hasSameInput) }
        if let output { data.member(.output, json: output) }
        if let error { data.member(.error, json: error) }
    }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.status)
        for field in [Field.sameWorkflow, .sameInput, .output, .error] { data.optionalHole(field) }
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        status = try data.word(.status)
        hasSameWorkflow = try data.optional(.sameWorkflow)
        hasSameInput = try data.optional(.sameInput)
        output = data[.output]
        error = data[.error]
    }

    package static let members = [
        Member(.status, Member.words(RunStatus.self), "How far the run is."),
        Member(.sameWorkflow, .truth, mayBeMissing: true, "Of a start: whether the run has the same workflow."),
        Member(.sameInput, .truth, mayBeMissing: true, "Of a start: whether the run has the same input, byte for byte."),
        Member(.output, .any, mayBeMissing: true, "The output of a run that has completed; left out above 64 KiB."),
        Member(.error, .failure, mayBeMissing: true, "The failure of a run that has one."),
    ]
}

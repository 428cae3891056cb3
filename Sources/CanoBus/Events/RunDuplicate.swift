package import CanoPrimitives

/// The answer to a command whose run is known already.
public struct RunDuplicate: SingleEventData {
    package static let type = EventType.runDuplicate

    /// How far the run is.
    public let status: RunStatus
    /// Of a start: whether the run has the same workflow.
    public let hasSameWorkflow: Bool?
    /// Of a start: whether the run has the same input, byte for byte.
    public let hasSameInput: Bool?
    /// JSON text; nil of a run that has not completed, and when it is longer than `BusLimits.inlineOutputBytes`.
    public let output: String?
    /// JSON text of a ``RunFailure``; nil of a run that has none.
    public let error: String?

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

    /// Why the run failed; nil of a run that has no failure.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent`.
    public var failure: RunFailure? { get throws(BusError) { try error.map { json throws(BusError) in try RunFailure(json: json) } } }

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

/// A command that can't be carried out: why, and as much of it as is valid.
package struct Rejection: Error, Sendable, Hashable {
    package let code: RejectionCode
    /// What is wrong with it and what to send instead.
    package let message: String
    /// Whether a run of this id that is known already is answered rather than rejected: everything that is checked
    /// after the fields themselves.
    package let yieldsToKnownRun: Bool
    /// The parts that are valid.
    package let addressee: Addressee
    /// Whether the command is a start: the answer to one whose run is known says whether both were the same.
    package let isStart: Bool

    package init(
        _ code: RejectionCode, _ message: String, of addressee: Addressee, yieldsToKnownRun: Bool = false, isStart: Bool = false
    ) {
        self.code = code
        self.message = message
        self.addressee = addressee
        self.yieldsToKnownRun = yieldsToKnownRun
        self.isStart = isStart
    }

    /// What a command is about and where its answer goes; each part is nil unless it keeps its rule.
    package struct Addressee: Sendable, Hashable {
        package var run: String?
        package var workflow: String?
        package var replyName: String?
        package var traceparent: String
        package var input: String

        package init(
            run: String? = nil, workflow: String? = nil, replyName: String? = nil, traceparent: String = "", input: String = ""
        ) {
            self.run = run
            self.workflow = workflow
            self.replyName = replyName
            self.traceparent = traceparent
            self.input = input
        }
    }
}

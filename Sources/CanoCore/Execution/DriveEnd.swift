/// How driving a run ended here.
struct DriveEnd<State: WorkflowState> {
    /// The outcome, or the error the run ended with.
    let result: Result<RunOutcome<State>, CanoError>
    /// Whether the log turned out to be written by somebody else, to whom the run belongs.
    let isElsewhere: Bool

    init(_ result: Result<RunOutcome<State>, CanoError>, isElsewhere: Bool = false) {
        self.result = result
        self.isElsewhere = isElsewhere
    }
}

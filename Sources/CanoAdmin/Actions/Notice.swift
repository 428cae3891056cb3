/// What has just been done, as the next page says it. Its link holds a word and numbers, and not the sentence: a link from elsewhere must not say
/// anything here.
struct Notice: Sendable {
    private static let (field, doneField, leftField) = ("did", "done", "left")
    private static let sentences: [String: String] = [
        CancelAction.path: CancelAction.notice, ResumeAction.path: ResumeAction.notice, SignalAction.path: SignalAction.notice,
        UnscheduleAction.path: UnscheduleAction.notice, RequeueAction.path: RequeueAction.notice,
        DeleteLetterAction.path: DeleteLetterAction.notice, PauseScheduleAction.path: PauseScheduleAction.notice,
        ResumeScheduleAction.path: ResumeScheduleAction.notice, RunScheduleAction.path: RunScheduleAction.notice,
        CancelRunsAction.path: "Runs that are asked to stop:", ResumeRunsAction.path: "Runs that are asked to go on:",
        RequeueLettersAction.path: "Commands that are published again:",
    ]

    /// What to say.
    let text: String

    /// Reads what a link says; nil where it says nothing.
    init?(_ query: FormFields) {
        guard let sentence = query[Self.field].flatMap({ Self.sentences[$0] }) else { return nil }
        func number(_ name: String) -> Int? { query[name].flatMap { Int($0) } }
        guard let done = number(Self.doneField) else {
            text = sentence
            return
        }
        let left = number(Self.leftField) ?? 0
        text = "\(sentence) \(done)." + (left > 0 ? " Left as they are, or not known to be published: \(left). Do it again for those." : "")
    }

    /// What a link holds after an action.
    static func query(of action: String) -> [(String, String?)] { [(field, action)] }

    /// What a link holds after an action for many.
    static func query(of action: String, _ result: BulkResult) -> [(String, String?)] {
        query(of: action) + [(doneField, "\(result.done)"), (leftField, result.left > 0 ? "\(result.left)" : nil)]
    }
}

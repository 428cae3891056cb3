/// A run a scheduler has reserved and is to begin.
struct FlowLaunch: Sendable {
    let flow: Int
    let id: RunID
    let firing: Firing
    let control = RunControl()
    let inbox = RunInbox()
    let began: MonotonicInstant
}

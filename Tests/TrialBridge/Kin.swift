import CanoCore

enum KinStep: String, WorkflowState, CaseIterable {
    typealias Input = Kinship
    typealias Output = [String]

    case take, choose, call, callAgain, callAndLeave, joined
}

/// What a run of `trial-kin` goes through: a state that is undone when a later one fails, and then a child.
struct Kinship: Codable, Sendable {
    /// The child's workflow: one of those whose runs take an ordeal.
    var workflow: String
    var input: Ordeal
    var manner: Manner?

    enum Manner: String, Codable {
        /// There is another child when one fails.
        case again
        /// The child goes on when its parent needs it no more.
        case leave
    }
}

/// A state that is undone when a later one fails, one that has a child, and the end.
func trialKin(version: String) -> Workflow<KinStep> {
    Workflow("trial-kin", version: version, startingAt: .take) { state in
        switch state {
        case .take:
            .sagaStep("take", config: .minimal, then: .choose) { context in
                context.state
            } undo: { _, _ in
            }
        case .choose:
            .router(leadsTo: [.call, .callAgain, .callAndLeave]) { context in
                switch context.input.manner {
                case nil: .call
                case .again: .callAgain
                case .leave: .callAndLeave
                }
            }
        case .call: .kin()
        case .callAgain: .kin(TaskConfig(retry: .fixed(retries: 1, delay: .zero)))
        case .callAndLeave: .kin(child: ChildRunConfig(closePolicy: .leave))
        case .joined: .exit(taking: [String]?.self) { marks, _ in marks ?? [] }
        }
    }
}

extension StateHandler<KinStep> {
    fileprivate static func kin(_ config: TaskConfig = .minimal, child: ChildRunConfig = ChildRunConfig()) -> StateHandler {
        .child("child", config: config, childConfig: child, then: .joined) { context in
            ChildStart(ChildWorkflow(context.input.workflow, taking: Ordeal.self, giving: [String]?.self), context.input.input)
        }
    }
}

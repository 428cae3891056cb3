import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// A child that a step starts: the command, and what its parent remembers of it.
struct StartedChild: Sendable, Hashable {
    let name: ChildName
    let policy: ParentClosePolicy
    let command: StartCommand

    /// - Parameters:
    ///   - request: What is asked for.
    ///   - work: The attempt that asks for it.
    ///   - parent: The run of that.
    ///   - resumed: In which epoch that was last resumed by a command; nil where it was not.
    init(_ request: ChildRequest, for work: WorkRequest, of parent: RunIdentity, resumed: Int?) {
        name = ChildName(parent: parent.run, leg: work.leg, attempt: work.attempt, resumed: resumed)
        policy = request.config.closePolicy
        command = StartCommand(
            request.workflow, run: name.description, version: request.version, input: String(decoding: work.input, as: UTF8.self),
            timeout: request.config.timeout.map { max(1, $0.wholeMilliseconds) }, trace: parent.trace)
    }
}

/// A child to start among the arguments of a script.
enum ChildItem: String, ScriptItem {
    case leg, attempt, policy, id, workflow, version, input
    case timeout = "timeout_ms"
    case root, traceparent, tracestate

    static let item = "child"
}

extension ScriptArguments {
    /// Adds a list of children to start.
    mutating func append(started children: [StartedChild]) {
        append(list: ChildItem.self, count: children.count) { list in
            for child in children {
                let command = child.command
                list.append(.leg, child.name.leg)
                list.append(.attempt, child.name.attempt)
                list.append(.policy, child.policy.rawValue)
                list.append(.id, command.run)
                list.append(.workflow, command.workflow)
                list.append(.version, command.version)
                list.append(.input, command.input)
                list.append(.timeout, command.timeout)
                list.append(.root, child.name.root)
                list.append(.traceparent, command.trace.parent)
                list.append(.tracestate, command.trace.state)
            }
        }
    }
}

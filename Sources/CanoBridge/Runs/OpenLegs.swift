import CanoBus
import CanoCore
import CanoPrimitives

/// The parts of a run whose work workers have or are to take, or children do, as the rows tell of them. Pure.
struct OpenLegs: Sendable {
    fileprivate struct Leg: Sendable {
        let visit: Int
        let branch: Int?
        /// Whether it is the undoing of what the visit did.
        let isUndo: Bool
        let doer: Doer
        /// Whether its answer is waited for. What is known of another one is kept until its visit is over.
        let isOpen: Bool
    }

    /// What does the work of a leg.
    fileprivate enum Doer: Sendable {
        /// A worker of a queue, at an attempt; what the tokens of all attempts have in common is its nonce.
        case worker(queue: String, nonce: String, attempt: Int)
        /// A child of a workflow.
        case child(workflow: String)

        var queue: String? { if case .worker(let queue, _, _) = self { queue } else { nil } }
        var nonce: String? { if case .worker(_, let nonce, _) = self { nonce } else { nil } }
    }

    private var legs: [String: Leg] = [:]
    /// In which epoch the run was last resumed by a command; nil where it was not.
    private var resumed: Int?

    init() {}

    /// Those of a run that goes on here.
    init(_ tasks: [String: OpenTask], children: [String: OpenChild] = [:], resumed: Int? = nil) {
        self.resumed = resumed
        replace(with: tasks, children: children)
    }

    /// These are all there are now.
    mutating func replace(with tasks: [String: OpenTask], children: [String: OpenChild]) {
        legs = [:]
        for (name, task) in tasks {
            add(name, .worker(queue: task.queue, nonce: task.nonce, attempt: task.attempt), isOpen: task.isOpen)
        }
        for (name, child) in children { add(name, .child(workflow: child.workflow), isOpen: true) }
    }

    private mutating func add(_ name: String, _ doer: Doer, isOpen: Bool) {
        // `//<visit>`, `//<visit>.<branch>`, or `//<visit>-undo`.
        let parts = name.utf8.drop { $0 == UInt8(ascii: "/") }.split { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        guard let visit = parts.first.flatMap({ Int(Substring($0)) }) else { return }
        legs[name] = Leg(
            visit: visit, branch: parts.count > 1 ? Int(Substring(parts[1])) : nil, isUndo: name.utf8.contains(UInt8(ascii: "-")),
            doer: doer,
            isOpen: isOpen)
    }

    /// A leg has its answer.
    mutating func close(_ leg: String) { legs[leg] = nil }

    /// The queues of those that are open, each once.
    var queues: Set<String> { legs.isEmpty ? [] : Set(legs.values.filter(\.isOpen).compactMap(\.doer.queue)) }

    /// The queue that a leg's task is on; nil for what is none.
    func queue(of leg: String) -> String? { legs[leg]?.doer.queue }

    /// The workflow of a leg's child; nil for what is none.
    func child(of leg: String) -> String? { if case .child(let workflow)? = legs[leg]?.doer { workflow } else { nil } }

    /// Whether a leg waits for an answer that has not come.
    func isOpen(_ leg: String) -> Bool { legs[leg]?.isOpen ?? false }

    /// Whether a token is of the present attempt at a task, and that is all that is waited for of others.
    func isOnlyOpen(_ token: TaskToken) -> Bool {
        guard let leg = legs[token.leg], leg.isOpen, legs.values.count(where: \.isOpen) == 1,
            case .worker(_, let nonce, let attempt) = leg.doer
        else { return false }
        return nonce == token.nonce && attempt == token.attempt
    }

    /// Takes in rows that are written together.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - run: The run.
    ///   - nonce: Makes what the tokens of a new leg have in common.
    /// - Returns: What becomes of the run's tasks and children with them.
    mutating func write(_ rows: [CheckpointRow], of run: RunIdentity, nonce: () -> String) -> TaskChanges {
        var changes = TaskChanges()
        for row in rows {
            for (name, leg) in legs.sorted(by: { $0.key < $1.key }) where row.ends(leg) {
                legs[name] = nil
                changes.closed.append(TaskChanges.ClosedLeg(leg: name, queue: leg.doer.queue))
            }
            guard let request = row.request else { continue }
            if let child = request.child {
                changes.started.append(StartedChild(child, for: request, of: run, resumed: resumed))
                legs[request.leg] = Leg(
                    visit: request.visit, branch: request.branch, isUndo: false, doer: .child(workflow: child.workflow), isOpen: true)
                continue
            }
            let task = HandedTask(request, of: run, nonce: legs[request.leg]?.doer.nonce ?? nonce())
            legs[request.leg] = Leg(
                visit: request.visit, branch: request.branch, isUndo: request.isUndo,
                doer: .worker(queue: task.queue, nonce: task.nonce, attempt: task.attempt), isOpen: true)
            changes.handed.append(task)
        }
        return changes
    }
}

extension CheckpointRow {
    /// Whether the work of a visit, or of a branch of it, or the undoing of it, is not waited for any more once this row is written.
    fileprivate func ends(_ leg: OpenLegs.Leg) -> Bool {
        // A rollback undoes one step after the other.
        if leg.isUndo { return kind == .compensated || visit != leg.visit }
        return switch kind {
        case .rollbackStart: true
        case .compensationCompletion: visit >= leg.visit
        case .branchEnd: visit > leg.visit || visit == leg.visit && branch == leg.branch
        default: visit > leg.visit
        }
    }
}

extension HandedTask {
    fileprivate init(_ request: WorkRequest, of run: RunIdentity, nonce: String) {
        self.init(
            queue: request.queue.name, leg: request.leg, attempt: request.attempt, nonce: nonce,
            lease: max(1, request.queue.lease.wholeMilliseconds), queueUpTo: request.queue.queueTime.map { max(0, $0.wholeMilliseconds) },
            capacity: request.queue.capacity.map { max(1, $0) }, state: request.state, name: request.task, attempts: request.attempts,
            until: request.until, idempotencyKey: request.idempotencyKey, input: request.input, traceparent: run.trace.parent)
    }
}

import CanoBus
import CanoRedis

/// What a step does with the tasks of its run that workers have or are to take, and with its children.
struct TaskChanges: Sendable, Hashable {
    /// A leg whose answer is not waited for any more.
    struct ClosedLeg: Sendable, Hashable {
        let leg: String
        /// The queue that its task is on; nil where a child does the work.
        let queue: String?
    }

    /// They are withdrawn first; those that are gone already are passed over.
    var closed: [ClosedLeg] = []
    var handed: [HandedTask] = []
    /// The children that are started.
    var started: [StartedChild] = []

    var isEmpty: Bool { closed.isEmpty && handed.isEmpty && started.isEmpty }

    /// The queues, each once, in the order in which the changes name them.
    var queues: [String] {
        var queues: [String] = []
        for queue in closed.compactMap(\.queue) + handed.map(\.queue) where !queues.contains(queue) { queues.append(queue) }
        return queues
    }
}

extension ScriptArguments {
    /// Adds four lists: the queues, the tasks to hand out, the children to start, and the legs that are over.
    mutating func append(_ tasks: TaskChanges, of run: RunIdentity) {
        append(list: tasks.queues)
        append(list: HandedItem.self, count: tasks.handed.count) { list in
            for task in tasks.handed {
                let token = TaskToken(run: run.run, leg: task.leg, attempt: task.attempt, nonce: task.nonce)
                list.append(.queue, task.queue)
                list.append(.leg, task.leg)
                list.append(.token, token.description)
                list.append(.version, run.version)
                list.append(.state, task.state)
                list.append(.name, task.name)
                list.append(.attempt, task.attempt)
                list.append(.attempts, task.attempts.map(Int64.init))
                list.append(.nonce, task.nonce)
                list.append(.lease, task.lease)
                list.append(.queueUpTo, task.queueUpTo)
                list.append(.capacity, task.capacity.map(Int64.init))
                list.append(.until, task.until)
                list.append(.idempotencyKey, task.idempotencyKey)
                list.append(.input, bytes: task.input)
                list.append(.traceparent, task.traceparent)
            }
        }
        append(started: tasks.started)
        append(list: tasks.closed.map(\.leg))
    }
}

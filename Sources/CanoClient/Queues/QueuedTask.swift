package import CanoBus
public import CanoRedis

/// A task that is on a queue, waiting or with a worker.
public struct QueuedTask: Sendable, Hashable {
    /// Its entry.
    public let id: StreamEntryID
    /// The time since it was put on the queue.
    public let age: Duration
    /// Who has it; nil while it waits.
    public let holder: Holder?
    /// The fields of its entry, by their names.
    public let fields: [String: String]

    /// The worker that has a task.
    public struct Holder: Sendable, Hashable {
        /// The worker's consumer name.
        public let worker: String
        /// The time since the worker was given the task, or was last heard of about it.
        public let silence: Duration

        package init(worker: String, silence: Duration) {
            self.worker = worker
            self.silence = silence
        }
    }

    package init(id: StreamEntryID, age: Duration, holder: Holder?, fields: [String: String]) {
        self.id = id
        self.age = age
        self.holder = holder
        self.fields = fields
    }

    /// A field as its text; empty where the entry has none of that name.
    package subscript(field: Field) -> String { fields[field.rawValue] ?? "" }
}

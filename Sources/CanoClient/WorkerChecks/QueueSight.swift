import CanoPrimitives
package import CanoRedis

/// A queue and its results as they were at one moment.
package struct QueueSight: Sendable, Hashable {
    /// Who has a task.
    package struct Holding: Sendable, Hashable {
        let consumer: String
        /// Milliseconds since it was given out or claimed.
        let silence: Int64

        package init(consumer: String, silence: Int64) {
            self.consumer = consumer
            self.silence = silence
        }
    }

    /// Milliseconds since 1970.
    let now: Int64
    /// What has been answered since the sight before this, in its order.
    let answers: [WorkerAnswer]
    /// The entries that consumers have. They were looked at behind the answers: whose task is answered has it, or has given it up.
    let holdings: [StreamEntryID: Holding]
    /// The entries on the queue, by the tokens of their tasks. They were looked at last.
    let entries: [String: StreamEntryID]

    package init(now: Int64, answers: [WorkerAnswer], holdings: [StreamEntryID: Holding], entries: [String: StreamEntryID]) {
        self.now = now
        self.answers = answers
        self.holdings = holdings
        self.entries = entries
    }
}

import CanoCore

/// Has workers do so many steps, one after the other: what a task for workers costs, and a workflow to try a worker with.
enum RemoteSteps {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Plan
        typealias Output = [JSON]
        case work, done
    }

    struct Plan: Codable, Sendable {
        let queue: String
        let steps: Int
        let lease: Int?
        let attempts: Int?
        let capacity: Int?
        let payload: JSON?

        enum CodingKeys: String, CodingKey {
            case queue, steps
            case lease = "lease_ms"
            case attempts, capacity, payload
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            queue = try container.decode(String.self, forKey: .queue)
            steps = try container.decodePositive(.steps)
            lease = try container.decodePositiveIfPresent(.lease)
            attempts = try container.decodePositiveIfPresent(.attempts)
            capacity = try container.decodePositiveIfPresent(.capacity)
            payload = try container.decodeIfPresent(JSON.self, forKey: .payload)
        }
    }

    /// What a worker gets.
    struct Request: Encodable, Sendable {
        let step: Int
        let payload: JSON
    }

    private struct Work: RemoteTask {
        let config = WorkerQueue.sampleConfig

        func queue(_ context: TaskContext<Step>) -> WorkerQueue {
            WorkerQueue(
                sample: context.input.queue, lease: context.input.lease, attempts: context.input.attempts, capacity: context.input.capacity)
        }

        func request(_ context: TaskContext<Step>) async throws -> Request {
            let done = try await context.store.get(.outputs)?.count ?? 0
            return Request(step: done + 1, payload: context.input.payload ?? .null)
        }

        func next(after output: JSON, _ context: TaskContext<Step>) async throws -> Step {
            let done = try await context.store.get(.outputs)?.count ?? 0
            try await context.store.append(output, to: .outputs)
            return done + 1 < context.input.steps ? .work : .done
        }
    }

    static let workflow = Workflow<Step>("remote-steps", startingAt: .work) { state in
        switch state {
        case .work: .task(Work(), leadsTo: [.work, .done])
        case .done: .exit { run in try await run.store.require(.outputs) }
        }
    }
}

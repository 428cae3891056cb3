import CanoCore

/// Has workers do a list of items, so many at the same time, and answers what they came to in the order of the list.
enum RemoteEach {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = List
        typealias Output = [JSON]
        case work, done
    }

    struct List: Codable, Sendable {
        let queue: String
        let items: [JSON]
        let atOnce: Int?
        let lease: Int?
        let attempts: Int?

        enum CodingKeys: String, CodingKey {
            case queue, items
            case atOnce = "at_once"
            case lease = "lease_ms"
            case attempts
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            queue = try container.decode(String.self, forKey: .queue)
            items = try container.decode([JSON].self, forKey: .items)
            atOnce = try container.decodePositiveIfPresent(.atOnce)
            lease = try container.decodePositiveIfPresent(.lease)
            attempts = try container.decodePositiveIfPresent(.attempts)
        }
    }

    static let workflow = Workflow<Step>("remote-each", startingAt: .work) { state in
        switch state {
        case .work:
            .each("item", config: WorkerQueue.sampleConfig, giving: JSON.self) { context in
                let list = context.input
                let queue = WorkerQueue(sample: list.queue, lease: list.lease, attempts: list.attempts)
                return RemoteItems(list.items, queue: queue, atOnce: list.atOnce)
            } reduce: { result, context in
                try await context.store.put(result.outputs, for: .outputs)
                return .done
            }
        case .done: .exit { run in try await run.store.require(.outputs) }
        }
    }
}

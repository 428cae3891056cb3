import CanoCore

/// The smallest workflow worth looking at: one state makes numbers, the next adds them up.
enum Numbers {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Batch
        typealias Output = Int
        case fetch, process, done
    }

    struct Batch: Codable, Sendable {
        let batchSize: Int

        enum CodingKeys: String, CodingKey {
            case batchSize = "batch_size"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            batchSize = try container.decode(Int.self, forKey: .batchSize)
            guard (0...10_000).contains(batchSize) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .batchSize, in: container, debugDescription: "\(batchSize) is not between 0 and 10000.")
            }
        }
    }

    static let workflow = Workflow<Step>("numbers", startingAt: .fetch) { state in
        switch state {
        case .fetch:
            .task("Fetch") { context in
                try await context.store.put(Array(0..<context.input.batchSize).map { $0 + 1 }, for: .data)
                return .process
            }
        case .process:
            .task("Process") { context in
                try await context.store.put(try await context.store.require(.data).reduce(0, +), for: .sum)
                return .done
            }
        case .done: .exit { run in try await run.store.require(.sum) }
        }
    }
}

extension StoreKey<[Int]> {
    fileprivate static var data: Self { "data" }
}

extension StoreKey<Int> {
    fileprivate static var sum: Self { "sum" }
}

import CanoBridge
import CanoCore

/// The smallest workflow worth looking at: one state makes numbers, the next adds them up.
enum Numbers {
    enum Step: String, WorkflowState, CaseIterable {
        case fetch, process, done
    }

    struct Input: Codable, Sendable {
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

    struct Fetch: WorkflowTask {
        func run(_ context: TaskContext) async throws -> Step {
            let input = try context.input(Input.self)
            try await context.store.put(Array(0..<input.batchSize).map { $0 + 1 }, for: .data)
            return .process
        }
    }

    struct Process: WorkflowTask {
        func run(_ context: TaskContext) async throws -> Step {
            let data = try await context.store.get(.data) ?? []
            try await context.store.put(data.reduce(0, +), for: .sum)
            return .done
        }
    }

    static func register(in registry: inout WorkflowRegistry) throws {
        let workflow = Workflow<Step>()
            .register(.fetch, Fetch())
            .register(.process, Process())
            .addExitState(.done)
        try registry.register(workflow, as: "numbers", startingAt: .fetch, input: Input.self) { result in
            try await result.store.get(.sum)
        }
    }
}

extension StoreKey where Value == [Int] {
    fileprivate static var data: Self { "data" }
}

extension StoreKey where Value == Int {
    fileprivate static var sum: Self { "sum" }
}

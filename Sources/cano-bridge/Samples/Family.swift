import CanoCore

/// Starts so many children of another workflow at the same time, and answers their outputs.
enum Family {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Plan
        typealias Output = [JSON]
        case raise, done
    }

    struct Plan: Codable, Sendable {
        let children: Int
        let workflow: String
        let input: JSON?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            children = try container.decode(Int.self, forKey: .children)
            workflow = try container.decode(String.self, forKey: .workflow)
            input = try container.decodeIfPresent(JSON.self, forKey: .input)
            guard (0...1_000).contains(children) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .children, in: container, debugDescription: "\(children) children: take 0 to 1000.")
            }
        }
    }

    static let workflow = Workflow<Step>("family", startingAt: .raise) { state in
        switch state {
        case .raise:
            .eachChild("child", leadsTo: [.done]) { context in
                let plan = context.input
                let workflow = ChildWorkflow(plan.workflow, taking: JSON.self, giving: JSON.self)
                return (0..<plan.children).map { _ in ChildStart(workflow, plan.input ?? .null) }
            } reduce: { result, context in
                try await context.store.put(result.outputs, for: .outputs)
                return .done
            }
        case .done: .exit { run in try await run.store.require(.outputs) }
        }
    }
}

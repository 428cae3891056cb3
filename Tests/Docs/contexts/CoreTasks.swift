// What Sources/CanoCore/Task documents is about a shop: an order is charged by a bank, and shipped.
import CanoCore

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case charge, ship, done
}

struct Order: Codable, Sendable {
    var sum: Int
    var cash: Int
}

struct Payment: Codable, Sendable { var order: Int }

struct Receipt: Codable, Sendable { var number, order: Int }

struct Refund: Codable, Sendable { init(of number: Int) {} }

struct Invoice: Codable, Sendable {}

struct Note: Codable, Sendable {}

enum Decision: Sendable { case approved(Note), rejected(Note) }

struct Bank: Sendable {
    func refund(_ receipt: Int, key: String) async throws {}
}

struct AskBank: BranchTask {
    func run(_ context: TaskContext<Step>) async throws -> Int { context.input.sum }
}

enum WorkflowTasks {
    // block: Sources/CanoCore/Task/WorkflowTask.swift
}

enum CompensatableTasks {
    // block: Sources/CanoCore/Task/CompensatableTask.swift
}

enum RemoteCompensatableTasks {
    // block: Sources/CanoCore/Task/RemoteCompensatableTask.swift
}

enum UndoByWorkerOrHere {
    static func byWorker() -> StepUndo<Step, Payment, Receipt> {
        // block: Sources/CanoCore/Task/StepUndo.swift
    }

    static func here(bank: Bank) -> StepUndo<Step, Payment, Receipt> {
        // block: Sources/CanoCore/Task/StepUndo.swift
    }

    static func ofWhatIsUnknown() -> StepUndo<Step, Payment, Receipt> {
        // block: Sources/CanoCore/Task/StepUndo.swift
    }
}

enum Branches {
    static func ofSeveralKinds() -> StateHandler<Step> {
        // block: Sources/CanoCore/Task/Branch.swift
    }

    static func withSignal() -> StateHandler<Step> {
        // block: Sources/CanoCore/Task/Branch.swift
    }

    static func withWorker() -> StateHandler<Step> {
        // block: Sources/CanoCore/Task/Branch+Remote.swift
    }
}

enum InvoiceStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case issue, done
}

func children(invoicing: Workflow<InvoiceStep>) {
    // block: Sources/CanoCore/Task/ChildWorkflow.swift
}

func signals() {
    // block: Sources/CanoCore/Task/Signal.swift
}

func waits() {
    // block: Sources/CanoCore/Task/Wait.swift
}

// What Sources/CanoCore/Workflow and State document is about a shop, and about photos and files.
import CanoCore

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Order
    case reserve, payment, charge, invoice, resize, publish, ship, expired, done
}

struct Order: Codable, Sendable { var photos: [String] }

struct Payment: Codable, Sendable {}

struct Receipt: Codable, Sendable { var number: Int }

struct Refund: Codable, Sendable { init(of number: Int) {} }

struct Invoice: Codable, Sendable {}

struct Size: Codable, Sendable {}

enum States {
    // block: Sources/CanoCore/State/WorkflowState.swift
}

func receipt(of order: Order, payments: PaymentService) async throws {
    // block: Sources/CanoCore/Workflow/Workflow.swift
}

enum OrderStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Receipt
    case reserve, charge, shipped
}

struct PaymentService: Sendable {
    func charge(_ order: Order, as key: String) async throws -> Receipt { omitted() }
    func refund(_ receipt: Receipt) async throws {}
}

struct Reserve: WorkflowTask {
    func run(_ context: TaskContext<OrderStep>) async throws -> OrderStep { .charge }
}

enum Transfer: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = Int
    case extract, load, done
}

func files(in folder: String) throws -> [String] { omitted() }

func load(_ files: [String]) async throws -> Int { omitted() }

func transfer(in state: Transfer) -> StateHandler<Transfer> {
    // block: Sources/CanoCore/Workflow/StateHandler+Lines.swift
}

func child(in state: Step, invoicing: Workflow<InvoiceStep>) -> StateHandler<Step> {
    switch state {
    // block: Sources/CanoCore/Workflow/StateHandler+Children.swift
    default: omitted()
    }
}

enum InvoiceStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case issue, done
}

func worker(in state: Step) -> StateHandler<Step> {
    switch state {
    // block: Sources/CanoCore/Workflow/StateHandler+Remote.swift
    default: omitted()
    }
}

func workers(in state: Step) -> StateHandler<Step> {
    switch state {
    // block: Sources/CanoCore/Workflow/StateHandler+Remote.swift
    default: omitted()
    }
}

func workerWithUndo(in state: Step) -> StateHandler<Step> {
    switch state {
    // block: Sources/CanoCore/Workflow/StateHandler+RemoteSteps.swift
    default: omitted()
    }
}

func undoneByWorker(hotel: Hotel) -> StateHandler<Step> {
    // block: Sources/CanoCore/Workflow/StateHandler+RemoteSteps.swift
}

struct Hotel: Sendable {
    func book(_ order: Order) async throws -> Booking { omitted() }
}

struct Booking: Codable, Sendable { var number: Int }

struct Cancellation: Codable, Sendable { init(of number: Int) {} }

func signal(in state: Step) -> StateHandler<Step> {
    switch state {
    // block: Sources/CanoCore/Workflow/StateHandler+Waiting.swift
    default: omitted()
    }
}

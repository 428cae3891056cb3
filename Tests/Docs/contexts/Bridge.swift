// A shop's workflows, on a bridge and in tests of it.
import CanoBridge
import CanoBridgeTesting
import CanoClient
import CanoCore
import Testing

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Purchase
    typealias Output = String
    case pay, done
}

struct Purchase: Codable, Sendable {}

struct PaymentClient: Sendable {}

func ordering(with payments: PaymentClient) -> Workflow<Step> { omitted() }

func register(payments: PaymentClient) throws {
    // block: Sources/CanoBridge/Registry/WorkflowRegistry.swift
}

struct FakeShop: Sendable {}

func payment(through shop: FakeShop) -> Workflow<Step> { omitted() }

func test(purchase: Purchase) async throws {
    // block: Sources/CanoBridgeTesting/WithBridge.swift
}

// What tasks share and write: the rest of what Sources/CanoCore documents.
import CanoCore

enum Step: String, WorkflowState, CaseIterable { case charge, done }

struct PaymentClient: Sendable {}

struct StockClient: Sendable {}

extension ResourceKey<StockClient> { static var stock: Self { "stock" } }

// block: Sources/CanoCore/Resources/ResourceKey.swift

// block: Sources/CanoCore/Store/StoreKey.swift

func group(in context: TaskContext<Step>) throws {
    // block: Sources/CanoCore/Attempt/FromResources.swift
}

func health(of hosted: [(String, Resources)], answer: (Int, String) -> Void) async {
    // block: Sources/CanoCore/Health/HealthReport.swift
}

func guarded(by breaker: CircuitBreaker, backend: Backend) async throws {
    // block: Sources/CanoCore/Resilience/CircuitBreaker.swift
}

struct Backend: Sendable {
    func ask() async throws -> Int { 42 }
}

func workers(in runtime: inout WorkflowRuntime, bank: Bank) {
    // block: Sources/CanoCore/Remote/LocalWorkers.swift
}

struct Bank: Sendable {
    func charge(_ payment: Payment, key: String) async throws -> Receipt { omitted() }
}

struct Payment: Codable, Sendable {}

struct Receipt: Codable, Sendable {}

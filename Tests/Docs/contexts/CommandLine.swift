// An application with two workflows, which share a client.
import CanoBridge
import CanoCLI
import CanoCore
import ServiceLifecycle

enum Step: String, WorkflowState, CaseIterable { case pay, done }

struct PaymentClient: Service {
    func run() async throws {}
}

func ordering(with payments: PaymentClient) -> Workflow<Step> { omitted() }

func refunding(with payments: PaymentClient) -> Workflow<Step> { omitted() }

// block: Sources/CanoCLI/Application/BridgeApplication.swift

"""Stripe's invoices, payments and checkouts with nothing filled in, for three API versions."""

from typing import Any, Final

Template = dict[str, Any]

INVOICE_PLAN: Final[Template] = {
    "id": None, "object": "invoice", "account_country": "US", "account_name": "Northwind Cloud", "amount_due": 0,
    "amount_paid": 0, "amount_remaining": 0, "application_fee_amount": None, "attempt_count": 0, "attempted": False,
    "auto_advance": True, "billing": "charge_automatically", "billing_reason": None, "charge": None,
    "collection_method": "charge_automatically", "created": None, "currency": None, "custom_fields": None,
    "customer": None, "customer_address": None, "customer_email": None, "customer_name": None,
    "customer_phone": None, "customer_shipping": None, "customer_tax_exempt": "none", "customer_tax_ids": [],
    "default_payment_method": None, "default_source": None, "default_tax_rates": [], "description": None,
    "discount": None, "due_date": None, "ending_balance": None, "footer": None, "hosted_invoice_url": None,
    "invoice_pdf": None, "lines": None, "livemode": True, "metadata": {}, "next_payment_attempt": None,
    "number": None, "paid": False, "payment_intent": None, "period_end": None, "period_start": None,
    "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "receipt_number": None,
    "starting_balance": 0, "statement_descriptor": None, "status": None, "status_transitions": None,
    "subscription": None, "subtotal": 0, "tax": None, "tax_percent": None, "total": 0, "total_tax_amounts": [],
    "webhooks_delivered_at": None,
}  # fmt: skip

INVOICE_PRICE: Final[Template] = {
    "id": None, "object": "invoice", "account_country": "US", "account_name": "Northwind Cloud",
    "account_tax_ids": None, "amount_due": 0, "amount_paid": 0, "amount_remaining": 0, "amount_shipping": 0,
    "application": None, "application_fee_amount": None, "attempt_count": 0, "attempted": False,
    "auto_advance": True, "automatic_tax": {"enabled": False, "status": None}, "billing_reason": None,
    "charge": None, "collection_method": "charge_automatically", "created": None, "currency": None,
    "custom_fields": None, "customer": None, "customer_address": None, "customer_email": None,
    "customer_name": None, "customer_phone": None, "customer_shipping": None, "customer_tax_exempt": "none",
    "customer_tax_ids": [], "default_payment_method": None, "default_source": None, "default_tax_rates": [],
    "description": None, "discount": None, "discounts": [], "due_date": None, "effective_at": None,
    "ending_balance": None, "footer": None, "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None,
    "issuer": {"type": "self"}, "last_finalization_error": None, "latest_revision": None, "lines": None,
    "livemode": True, "metadata": {}, "next_payment_attempt": None, "number": None, "on_behalf_of": None,
    "paid": False, "paid_out_of_band": False, "payment_intent": None,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "period_end": None, "period_start": None, "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0, "quote": None, "receipt_number": None, "rendering": None,
    "rendering_options": None, "shipping_cost": None, "shipping_details": None, "starting_balance": 0,
    "statement_descriptor": None, "status": None, "status_transitions": None, "subscription": None,
    "subscription_details": {"metadata": {}}, "subtotal": 0, "subtotal_excluding_tax": 0, "tax": None,
    "test_clock": None, "total": 0, "total_discount_amounts": [], "total_excluding_tax": 0,
    "total_tax_amounts": [], "transfer_data": None, "webhooks_delivered_at": None,
}  # fmt: skip

INVOICE_BASIL: Final[Template] = {
    "id": None, "object": "invoice", "account_country": "US", "account_name": "Northwind Cloud",
    "account_tax_ids": None, "amount_due": 0, "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": 0,
    "amount_shipping": 0, "application": None, "attempt_count": 0, "attempted": False, "auto_advance": True,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
    "automatically_finalizes_at": None, "billing_reason": None, "collection_method": "charge_automatically",
    "created": None, "currency": None, "custom_fields": None, "customer": None, "customer_address": None,
    "customer_email": None, "customer_name": None, "customer_phone": None, "customer_shipping": None,
    "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": None, "default_source": None,
    "default_tax_rates": [], "description": None, "discounts": [], "due_date": None, "effective_at": None,
    "ending_balance": None, "footer": None, "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None,
    "issuer": {"type": "self"}, "last_finalization_error": None, "latest_revision": None, "lines": None,
    "livemode": True, "metadata": {}, "next_payment_attempt": None, "number": None, "on_behalf_of": None,
    "parent": None,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "period_end": None, "period_start": None, "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0, "receipt_number": None, "rendering": None, "shipping_cost": None,
    "shipping_details": None, "starting_balance": 0, "statement_descriptor": None, "status": None,
    "status_transitions": None, "subtotal": 0, "subtotal_excluding_tax": 0, "test_clock": None, "total": 0,
    "total_discount_amounts": [], "total_excluding_tax": 0, "total_pretax_credit_amounts": [], "total_taxes": [],
    "webhooks_delivered_at": None,
}  # fmt: skip

CHARGE: Final[Template] = {
    "id": None, "object": "charge", "amount": 0, "amount_captured": 0, "amount_refunded": 0, "application": None,
    "application_fee": None, "application_fee_amount": None, "balance_transaction": None, "billing_details": None,
    "calculated_statement_descriptor": "NORTHWIND CLOUD", "captured": True, "created": None, "currency": None,
    "customer": None, "description": None, "destination": None, "dispute": None, "disputed": False,
    "failure_balance_transaction": None, "failure_code": None, "failure_message": None, "fraud_details": {},
    "invoice": None, "livemode": True, "metadata": {}, "on_behalf_of": None, "order": None, "outcome": None,
    "paid": True, "payment_intent": None, "payment_method": None, "payment_method_details": None,
    "receipt_email": None, "receipt_number": None, "receipt_url": None, "refunded": False, "refunds": None,
    "review": None, "shipping": None, "source": None, "source_transfer": None, "statement_descriptor": None,
    "statement_descriptor_suffix": None, "status": None, "transfer_data": None, "transfer_group": None,
}  # fmt: skip

INTENT: Final[Template] = {
    "id": None, "object": "payment_intent", "amount": 0, "amount_capturable": 0, "amount_details": {"tip": {}},
    "amount_received": 0, "application": None, "application_fee_amount": None, "automatic_payment_methods": None,
    "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic", "client_secret": None,
    "confirmation_method": "automatic", "created": None, "currency": None, "customer": None, "description": None,
    "invoice": None, "last_payment_error": None, "latest_charge": None, "livemode": True, "metadata": {},
    "next_action": None, "on_behalf_of": None, "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {
        "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
        "link": {"persistent_token": None},
    },
    "payment_method_types": ["card", "link"], "processing": None, "receipt_email": None, "review": None,
    "setup_future_usage": "off_session", "shipping": None, "source": None, "statement_descriptor": None,
    "statement_descriptor_suffix": None, "status": None, "transfer_data": None, "transfer_group": None,
}  # fmt: skip

DISPUTE: Final[Template] = {
    "id": None, "object": "dispute", "amount": 0, "balance_transaction": None, "balance_transactions": [],
    "charge": None, "created": None, "currency": None,
    "evidence": {
        "access_activity_log": None, "billing_address": None, "cancellation_policy": None,
        "cancellation_policy_disclosure": None, "cancellation_rebuttal": None, "customer_communication": None,
        "customer_email_address": None, "customer_name": None, "customer_purchase_ip": None,
        "customer_signature": None, "duplicate_charge_documentation": None, "duplicate_charge_explanation": None,
        "duplicate_charge_id": None, "product_description": None, "receipt": None, "refund_policy": None,
        "refund_policy_disclosure": None, "refund_refusal_explanation": None, "service_date": None,
        "service_documentation": None, "shipping_address": None, "shipping_carrier": None, "shipping_date": None,
        "shipping_documentation": None, "shipping_tracking_number": None, "uncategorized_file": None,
        "uncategorized_text": None,
    },
    "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
    "is_charge_refundable": False, "livemode": True, "metadata": {}, "payment_intent": None,
    "reason": "fraudulent", "status": "needs_response",
}  # fmt: skip

SESSION: Final[Template] = {
    "id": None, "object": "checkout.session", "after_expiration": None, "allow_promotion_codes": True,
    "amount_subtotal": 0, "amount_total": 0, "automatic_tax": {"enabled": False, "status": None},
    "billing_address_collection": None, "cancel_url": "https://northwind.example/pricing",
    "client_reference_id": None, "consent": None, "consent_collection": None, "created": None, "currency": None,
    "custom_fields": [], "custom_text": {"shipping_address": None, "submit": None}, "customer": None,
    "customer_creation": None, "customer_details": None, "customer_email": None, "expires_at": None,
    "invoice": None, "invoice_creation": None, "livemode": True, "locale": None, "metadata": {},
    "mode": "subscription", "payment_intent": None, "payment_link": None, "payment_method_collection": "always",
    "payment_method_options": None, "payment_method_types": ["card"], "payment_status": None,
    "phone_number_collection": {"enabled": False}, "recovered_from": None, "setup_intent": None,
    "shipping_address_collection": None, "shipping_cost": None, "shipping_details": None, "shipping_options": [],
    "status": None, "submit_type": None, "subscription": None,
    "success_url": "https://northwind.example/welcome?session_id={CHECKOUT_SESSION_ID}", "total_details": None,
    "url": None,
}  # fmt: skip

CARD: Final[Template] = {
    "brand": "visa",
    "checks": {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"},
    "country": "US", "exp_month": 11, "exp_year": 2031, "fingerprint": "w4XDzQOFakih5EZM", "funding": "credit",
    "installments": None, "last4": "4242", "mandate": None, "network": "visa", "network_token": {"used": False},
    "three_d_secure": None, "wallet": None,
}  # fmt: skip

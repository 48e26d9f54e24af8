"""Stripe's bodies with nothing filled in, key by key in Stripe's order, for three API versions."""

from typing import Any, Final

Template = dict[str, Any]

_EMPTY_LIST: Final[Template] = {"object": "list", "data": [], "has_more": False, "total_count": 0}
_TRIAL_SETTINGS: Final[Template] = {"end_behavior": {"missing_payment_method": "create_invoice"}}
_CARD_SETTINGS: Final[Template] = {
    "payment_method_options": {
        "acss_debit": None,
        "bancontact": None,
        "card": {"network": None, "request_three_d_secure": "automatic"},
        "customer_balance": None, "konbini": None, "sepa_debit": None, "us_bank_account": None,
    },
    "payment_method_types": None, "save_default_payment_method": "on_subscription",
}  # fmt: skip

SUBSCRIPTION_PLAN: Final[Template] = {
    "id": None, "object": "subscription", "application_fee_percent": None, "billing": "charge_automatically",
    "billing_cycle_anchor": None, "billing_thresholds": None, "cancel_at": None, "cancel_at_period_end": False,
    "canceled_at": None, "collection_method": "charge_automatically", "created": None, "current_period_end": None,
    "current_period_start": None, "customer": None, "days_until_due": None, "default_payment_method": None,
    "default_source": None, "default_tax_rates": [], "discount": None, "ended_at": None,
    "invoice_customer_balance_settings": {"consume_applied_balance_on_void": True}, "items": None,
    "latest_invoice": None, "livemode": True, "metadata": {}, "next_pending_invoice_item_invoice": None,
    "pause_collection": None, "pending_invoice_item_interval": None, "pending_setup_intent": None,
    "pending_update": None, "plan": None, "quantity": None, "schedule": None, "start": None, "start_date": None,
    "status": None, "tax_percent": None, "trial_end": None, "trial_start": None,
}  # fmt: skip

SUBSCRIPTION_PRICE: Final[Template] = {
    "id": None, "object": "subscription", "application": None, "application_fee_percent": None,
    "automatic_tax": {"enabled": False, "liability": None}, "billing_cycle_anchor": None, "billing_thresholds": None,
    "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "cancellation_details": None,
    "collection_method": "charge_automatically", "created": None, "currency": None, "current_period_end": None,
    "current_period_start": None, "customer": None, "days_until_due": None, "default_payment_method": None,
    "default_source": None, "default_tax_rates": [], "description": None, "discount": None, "discounts": [],
    "ended_at": None, "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "items": None,
    "latest_invoice": None, "livemode": True, "metadata": {}, "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None, "pause_collection": None, "payment_settings": _CARD_SETTINGS,
    "pending_invoice_item_interval": None, "pending_setup_intent": None, "pending_update": None, "plan": None,
    "quantity": None, "schedule": None, "start_date": None, "status": None, "test_clock": None,
    "transfer_data": None, "trial_end": None, "trial_settings": _TRIAL_SETTINGS, "trial_start": None,
}  # fmt: skip

SUBSCRIPTION_BASIL: Final[Template] = {
    "id": None, "object": "subscription", "application": None, "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "billing_cycle_anchor": None,
    "billing_cycle_anchor_config": None, "billing_mode": {"type": "classic"}, "billing_thresholds": None,
    "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "cancellation_details": None,
    "collection_method": "charge_automatically", "created": None, "currency": None, "customer": None,
    "days_until_due": None, "default_payment_method": None, "default_source": None, "default_tax_rates": [],
    "description": None, "discounts": [], "ended_at": None,
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "items": None, "latest_invoice": None,
    "livemode": True, "metadata": {}, "next_pending_invoice_item_invoice": None, "on_behalf_of": None,
    "pause_collection": None, "payment_settings": _CARD_SETTINGS, "pending_invoice_item_interval": None,
    "pending_setup_intent": None, "pending_update": None, "plan": None, "quantity": None, "schedule": None,
    "start_date": None, "status": None, "test_clock": None, "transfer_data": None, "trial_end": None,
    "trial_settings": _TRIAL_SETTINGS, "trial_start": None,
}  # fmt: skip

CUSTOMER_PLAN: Final[Template] = {
    "id": None, "object": "customer", "account_balance": 0, "address": None, "balance": 0, "created": None,
    "currency": None, "default_source": None, "delinquent": False, "description": None, "discount": None,
    "email": None, "invoice_prefix": None, "invoice_settings": None, "livemode": True, "metadata": {}, "name": None,
    "next_invoice_sequence": 1, "phone": None, "preferred_locales": [], "shipping": None, "sources": _EMPTY_LIST,
    "subscriptions": _EMPTY_LIST, "tax_exempt": "none", "tax_ids": _EMPTY_LIST, "tax_info": None,
    "tax_info_verification": None,
}  # fmt: skip

CUSTOMER_PRICE: Final[Template] = {
    "id": None, "object": "customer", "address": None, "balance": 0, "created": None, "currency": None,
    "default_source": None, "delinquent": False, "description": None, "discount": None, "email": None,
    "invoice_prefix": None, "invoice_settings": None, "livemode": True, "metadata": {}, "name": None,
    "next_invoice_sequence": 1, "phone": None, "preferred_locales": [], "shipping": None, "tax_exempt": "none",
    "test_clock": None,
}  # fmt: skip

DISCOUNT: Final[Template] = {
    "id": None, "object": "discount", "checkout_session": None, "coupon": None, "customer": None, "end": None,
    "invoice": None, "invoice_item": None, "promotion_code": None, "start": None, "subscription": None,
}  # fmt: skip

COUPON: Final[Template] = {
    "id": None, "object": "coupon", "amount_off": None, "created": None, "currency": None, "duration": None,
    "duration_in_months": None, "livemode": True, "max_redemptions": None, "metadata": {}, "name": None,
    "percent_off": None, "redeem_by": None, "times_redeemed": 0, "valid": True,
}  # fmt: skip

PRODUCT_PLAN: Final[Template] = {
    "id": None, "object": "product", "active": True, "attributes": [], "caption": None, "created": None,
    "deactivate_on": [], "description": None, "images": [], "livemode": True, "metadata": {}, "name": None,
    "package_dimensions": None, "shippable": None, "statement_descriptor": None, "type": "service",
    "unit_label": None, "updated": None, "url": None,
}  # fmt: skip

PRODUCT_PRICE: Final[Template] = {
    "id": None, "object": "product", "active": True, "created": None, "default_price": None, "description": None,
    "images": [], "livemode": True, "marketing_features": [], "metadata": {}, "name": None,
    "package_dimensions": None, "shippable": None, "statement_descriptor": None, "tax_code": None,
    "type": "service", "unit_label": None, "updated": None, "url": None,
}  # fmt: skip

SCHEDULE: Final[Template] = {
    "id": None, "object": "subscription_schedule", "application": None, "canceled_at": None, "completed_at": None,
    "created": None, "current_phase": None, "customer": None,
    "default_settings": {
        "application_fee_percent": None, "automatic_tax": {"enabled": False}, "billing_cycle_anchor": "automatic",
        "billing_thresholds": None, "collection_method": "charge_automatically", "default_payment_method": None,
        "description": None, "invoice_settings": {"days_until_due": None}, "on_behalf_of": None,
        "transfer_data": None,
    },
    "end_behavior": "release", "livemode": True, "metadata": {}, "phases": [], "released_at": None,
    "released_subscription": None, "status": "active", "subscription": None, "test_clock": None,
}  # fmt: skip

PHASE: Final[Template] = {
    "add_invoice_items": [], "application_fee_percent": None, "billing_cycle_anchor": None,
    "billing_thresholds": None, "collection_method": None, "coupon": None, "currency": None,
    "default_payment_method": None, "default_tax_rates": [], "description": None, "end_date": None,
    "invoice_settings": None, "items": [], "metadata": {}, "on_behalf_of": None,
    "proration_behavior": "create_prorations", "start_date": None, "transfer_data": None, "trial_end": None,
}  # fmt: skip

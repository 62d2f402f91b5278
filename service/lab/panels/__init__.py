"""Panels: what a laboratory looks for by one method, declared once and from a day on."""

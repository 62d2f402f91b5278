"""Why a sample will get no answer any more: said by the laboratory or its own site."""

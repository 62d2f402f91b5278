"""The samples that call for warnings."""

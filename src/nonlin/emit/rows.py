"""rows: to be written"""

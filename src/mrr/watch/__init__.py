"""What notices trouble: indicators with objectives, anomalies, failure signals, and the alerts that they become."""
